import{a}from"./chunks/chunk-26NWFPFV.js";import"./chunks/chunk-DCANE7XH.js";export{a as number};
