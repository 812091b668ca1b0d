import{a}from"./chunks/chunk-MTKR23DH.js";import"./chunks/chunk-E3DH2YY6.js";import"./chunks/chunk-26NWFPFV.js";export{a as showSlices};
