import{a}from"./chunks/chunk-26NWFPFV.js";export{a as number};
