import{a}from"./chunks/chunk-FAD3CGEN.js";import"./chunks/chunk-26NWFPFV.js";export{a as showTables};
