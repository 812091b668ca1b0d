import{a}from"./chunks/chunk-K5MWF5UZ.js";import"./chunks/chunk-26NWFPFV.js";import"./chunks/chunk-DCANE7XH.js";export{a as showTables};
