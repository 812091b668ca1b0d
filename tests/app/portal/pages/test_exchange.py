"""Pages of export and import."""

from tests.app.exchange.facilities import facility, tell


def test_a_crate_goes_from_page_to_page(tmp_path):
    with facility(tmp_path / "here") as here, facility(tmp_path / "there", "OTHER") as there:
        story = tell(here, tmp_path / "story")
        page = here.steward.get(f"/exports/{story.electrode.id}").text
        assert "RO-Crate 1.3" in page
        assert here.steward.get("/exports/nothing").status_code == 404
        dataset_id = there.send(here.export(story.electrode.id))
        address = f"/imports/new?project_id={there.project.id}"
        assert "crate.zip" in there.steward.get(address).text
        form = {"dataset_id": dataset_id, "csrf_token": there.steward.client.headers["X-CSRF-Token"]}
        looked = there.steward.post(address, data={**form, "act": "look"})
        assert "would bring" in looked.text
        wrong = there.steward.post(address, data={**form, "act": "take", "codes": "no label"})
        assert "TAKEN=OTHER" in wrong.text
        taken = there.steward.post(address, data={**form, "act": "take"})
        assert taken.status_code == 303, taken.text
        sample_id = taken.headers["location"].partition("?")[0].rpartition("/")[2]
        for page in (f"/exports/{sample_id}", f"/samples/{sample_id}"):
            assert story.electrode.id in there.steward.get(page).text
        for kind, own in (("datasets", story.dataset), ("results", story.result)):
            [row] = [row for row in there.steward.get(f"/api/v1/{kind}").json()["items"] if row["id"] != dataset_id]
            text = there.steward.get(f"/{kind}/{row['id']}").text
            assert "Imported from" in text
            assert own.id in text
            assert here.project.title in text
        assert "Imported from" not in here.steward.get(f"/samples/{story.electrode.id}").text
