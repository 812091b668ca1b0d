// A volume in space: cloud or surface, within a box and cut by one. The only module that knows vtk.js.

import "@kitware/vtk.js/Rendering/Profiles/Geometry";
import "@kitware/vtk.js/Rendering/Profiles/Volume";
import vtkDataArray from "@kitware/vtk.js/Common/Core/DataArray";
import vtkImageData from "@kitware/vtk.js/Common/DataModel/ImageData";
import vtkPiecewiseFunction from "@kitware/vtk.js/Common/DataModel/PiecewiseFunction";
import vtkPlane from "@kitware/vtk.js/Common/DataModel/Plane";
import vtkImageMarchingCubes from "@kitware/vtk.js/Filters/General/ImageMarchingCubes";
import vtkInteractorStyleTrackballCamera from "@kitware/vtk.js/Interaction/Style/InteractorStyleTrackballCamera";
import "@kitware/vtk.js/Rendering/OpenGL/CubeAxesActor";
import vtkOpenGLRenderWindow from "@kitware/vtk.js/Rendering/OpenGL/RenderWindow";
import vtkActor from "@kitware/vtk.js/Rendering/Core/Actor";
import vtkColorTransferFunction from "@kitware/vtk.js/Rendering/Core/ColorTransferFunction";
import vtkCubeAxesActor from "@kitware/vtk.js/Rendering/Core/CubeAxesActor";
import vtkMapper from "@kitware/vtk.js/Rendering/Core/Mapper";
import vtkRenderer from "@kitware/vtk.js/Rendering/Core/Renderer";
import vtkRenderWindow from "@kitware/vtk.js/Rendering/Core/RenderWindow";
import vtkRenderWindowInteractor from "@kitware/vtk.js/Rendering/Core/RenderWindowInteractor";
import vtkVolume from "@kitware/vtk.js/Rendering/Core/Volume";
import vtkVolumeMapper from "@kitware/vtk.js/Rendering/Core/VolumeMapper";

const LAST = 255;
const FRAMES_PER_S = 15;
const CLOSER = 1.25; // than where a sphere about the box would fit
const NOTHING = [[], [], []];
const SLOW_RATIO = 0.6;

function image(values, { lengths, spacing, origin }) {
  const data = vtkImageData.newInstance();
  data.setDimensions(lengths);
  data.setSpacing(spacing);
  data.setOrigin(origin);
  data.getPointData().setScalars(vtkDataArray.newInstance({ numberOfComponents: 1, values }));
  return data;
}

export class Scene {
  // `size` is the length along x, y and z; `grid` has lengths, spacing and origin of the level.
  // `onDrawn` is called when a picture stands, and when it was turned.
  constructor(box, { grid, size, isSlow, onDrawn }) {
    this.box = box;
    this.isSlow = isSlow;
    this.grid = grid;
    this.size = size;
    this.onDrawn = onDrawn;
    this.window = vtkRenderWindow.newInstance();
    this.renderer = vtkRenderer.newInstance();
    this.window.addRenderer(this.renderer);
    this.view = vtkOpenGLRenderWindow.newInstance();
    this.window.addView(this.view);
    this.view.setContainer(box);
    this.interact();
    this.planes = size.flatMap((whole, k) => [1, -1].map((sign) => vtkPlane.newInstance({ normal: [0, 1, 2].map((axis) => (axis === k ? sign : 0)), origin: size.map((each) => (sign > 0 ? 0 : each)) })));
    // without its texts: they would have the size of the picture's pixels, and cut into the cloud where they stood before
    this.axes = vtkCubeAxesActor.newInstance({ camera: this.renderer.getActiveCamera(), dataBounds: size.flatMap((whole) => [0, whole]), gridLines: false, faceVisibilityAngle: 0, generateTicks: () => ({ ticks: NOTHING, tickStrings: NOTHING }) });
    this.axes.setAxisLabels(["", "", ""]);
    this.renderer.addActor(this.axes);
    this.eye = this.renderer.getActiveCamera();
    this.turned = this.eye.onModified(() => this.follow());
    this.watch = new ResizeObserver(() => this.fit());
    this.watch.observe(box);
  }

  interact() {
    this.interactor = vtkRenderWindowInteractor.newInstance();
    this.interactor.setInteractorStyle(vtkInteractorStyleTrackballCamera.newInstance());
    this.interactor.setView(this.view);
    this.interactor.initialize();
    this.interactor.bindEvents(this.box);
    this.interactor.setDesiredUpdateRate(FRAMES_PER_S);
    // letters would turn surfaces into wires, and the wheel belongs to the page unless Ctrl is held
    this.box.removeEventListener("keypress", this.interactor.handleKeyPress);
    this.box.removeEventListener("keydown", this.interactor.handleKeyDown);
    this.box.removeEventListener("wheel", this.interactor.handleWheel);
    this.box.addEventListener("wheel", (event) => { if (event.ctrlKey) this.interactor.handleWheel(event); }, { passive: false });
  }

  fit() {
    const { width, height } = this.box.getBoundingClientRect();
    if (!width || !height) return;
    const ratio = this.isSlow ? SLOW_RATIO : devicePixelRatio;
    // what fitted into the shorter side before fits into it now
    const share = Math.min(1, width / height);
    if (this.share && this.share !== share) this.come(share / this.share);
    this.share = share;
    this.renderer.resetCameraClippingRange();
    this.view.setSize(Math.floor(width * ratio), Math.floor(height * ratio));
    this.draw();
  }

  // Once for all changes of a moment: a picture may take long.
  draw() {
    this.box.dataset.state = "drawing";
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.window.render();
      this.onDrawn();
    });
  }

  // What is written upon the picture follows when the pointer turns it.
  follow() {
    this.following ??= requestAnimationFrame(() => {
      this.following = null;
      this.onDrawn();
    });
  }

  // The picture as it stands now; to be read at once, since graphics forget what they drew.
  drawn() {
    this.window.render();
    return this.view.getCanvas();
  }

  theme({ ground, ink }) {
    this.renderer.setBackground(ground);
    this.axes.getProperty().setColor(ink);
    this.draw();
  }

  // A cloud of what `fill` gives, in the colours that `colour` gives.
  cloud({ isLabels }) {
    const mapper = vtkVolumeMapper.newInstance();
    mapper.setSampleDistance(Math.min(...this.grid.spacing) * (this.isSlow ? 1.5 : 0.7));
    this.planes.forEach((plane) => mapper.addClippingPlane(plane));
    this.volume = vtkVolume.newInstance();
    this.volume.setMapper(mapper);
    const property = this.volume.getProperty();
    property.setRGBTransferFunction(0, vtkColorTransferFunction.newInstance());
    property.setScalarOpacityUnitDistance(0, Math.hypot(...this.size) / 40);
    property.setShade(!this.isSlow);
    property.setAmbient(0.35);
    property.setDiffuse(0.7);
    property.setSpecular(0.15);
    if (isLabels) property.setInterpolationTypeToNearest();
    else property.setInterpolationTypeToLinear();
  }

  fill(codes) {
    this.volume.getMapper().setInputData(image(codes, this.grid));
    this.renderer.addVolume(this.volume); // nothing, where it stands already; without values it cannot be drawn
  }

  // [code, red, green, blue] each, from 0 to 1.
  colour(colours) {
    const table = this.volume.getProperty().getRGBTransferFunction(0);
    table.removeAllPoints();
    colours.forEach((point) => table.addRGBPoint(...point));
  }

  // Codes from `from` on are seen, the more the higher; all alike when they are labels.
  opacity(from, most, isLabels) {
    const opacity = vtkPiecewiseFunction.newInstance();
    opacity.addPoint(0, 0);
    opacity.addPoint(Math.max(0.5, from - 0.5), 0);
    opacity.addPoint(from + 0.5, isLabels ? most : most * 0.15);
    opacity.addPoint(LAST, most);
    this.volume.getProperty().setScalarOpacity(0, opacity);
  }

  surface(values, { level, colour, opacity }) {
    if (!this.actor) {
      this.cubes = vtkImageMarchingCubes.newInstance({ computeNormals: true, mergePoints: true });
      const mapper = vtkMapper.newInstance();
      mapper.setInputConnection(this.cubes.getOutputPort());
      mapper.setScalarVisibility(false);
      this.planes.forEach((plane) => mapper.addClippingPlane(plane));
      this.actor = vtkActor.newInstance();
      this.actor.setMapper(mapper);
      this.renderer.addActor(this.actor);
    }
    if (values !== this.values) this.cubes.setInputData(image(values, this.grid));
    this.values = values;
    this.cubes.setContourValue(level);
    this.actor.getProperty().setColor(colour);
    this.actor.getProperty().setOpacity(opacity);
  }

  show({ isSurface }) {
    this.volume?.setVisibility(!isSurface);
    this.actor?.setVisibility(isSurface);
    this.draw();
  }

  // Shares along an axis between which something is shown.
  clip(axis, from, to) {
    [from, to].forEach((share, end) => this.planes[2 * axis + end].setOrigin(this.size.map((whole, k) => (k === axis ? share * whole : end ? whole : 0))));
    this.draw();
  }

  // ---- from where it is seen

  get aspect() {
    const { width, height } = this.box.getBoundingClientRect();
    return width && height ? width / height : 1;
  }

  // Half of the height that is seen at the middle, by which length a view is as close as another.
  get zoom() {
    return this.eye.getParallelProjection() ? this.eye.getParallelScale() : this.eye.getDistance() * this.slope;
  }

  get slope() {
    return Math.tan((this.eye.getViewAngle() * Math.PI) / 360);
  }

  // How much the width of the picture shows at the middle.
  get wide() {
    return 2 * this.zoom * this.aspect;
  }

  // Where a point stands in the picture: shares of width and height from the upper left.
  project(point) {
    const [x, y] = this.renderer.worldToNormalizedDisplay(...point, this.aspect);
    return [x, 1 - y];
  }

  // Whether the whole box stands before the eye: what is behind it has no place in the picture.
  get isBefore() {
    const [from, ahead] = [this.eye.getPosition(), this.eye.getDirectionOfProjection()];
    const isAhead = (corner) => corner.reduce((sum, at, k) => sum + (at - from[k]) * ahead[k], 0) > 0;
    return this.eye.getParallelProjection() || [0, 1, 2, 3, 4, 5, 6, 7].every((code) => isAhead(this.size.map((whole, k) => whole * ((code >> k) & 1))));
  }

  camera(factor) {
    const scaled = (values) => values.map((value) => value * factor);
    return { position: scaled(this.eye.getPosition()), focus: scaled(this.eye.getFocalPoint()), up: this.eye.getViewUp(), zoom: this.zoom * factor };
  }

  setCamera({ position, focus, up, zoom }, factor) {
    this.eye.setFocalPoint(...focus.map((at) => at * factor));
    this.eye.setPosition(...position.map((at) => at * factor));
    this.eye.setViewUp(...up);
    this.eye.setParallelScale(zoom * factor);
    this.renderer.resetCameraClippingRange();
    this.draw();
  }

  // What stands in the middle keeps its size.
  setParallel(isParallel) {
    if (isParallel === this.eye.getParallelProjection()) return;
    const { zoom } = this;
    this.eye.setParallelProjection(isParallel);
    if (isParallel) this.eye.setParallelScale(zoom);
    else this.eye.dolly((this.eye.getDistance() * this.slope) / zoom);
    this.renderer.resetCameraClippingRange();
    this.draw();
  }

  // Looks from a direction; `up` is what is upward in the picture.
  lookFrom(direction, up) {
    const middle = this.size.map((whole) => whole / 2);
    this.eye.setFocalPoint(...middle);
    this.eye.setPosition(...middle.map((at, k) => at + direction[k]));
    this.eye.setViewUp(...up);
    this.renderer.resetCamera();
    this.come(CLOSER * Math.min(1, this.aspect));
    this.renderer.resetCameraClippingRange();
    this.draw();
  }

  come(factor) {
    if (this.eye.getParallelProjection()) this.eye.zoom(factor);
    else this.eye.dolly(factor);
  }

  turn({ azimuth = 0, elevation = 0, zoom = 1 }) {
    this.eye.azimuth(azimuth);
    this.eye.elevation(elevation);
    this.eye.orthogonalizeViewUp();
    this.come(zoom);
    this.renderer.resetCameraClippingRange();
    this.draw();
  }

  delete() {
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.following);
    this.turned.unsubscribe();
    this.watch.disconnect();
    this.interactor.unbindEvents(this.box);
    this.interactor.delete();
    this.view.delete();
  }
}
