import{a}from"./chunks/chunk-7TNP3SM5.js";import"./chunks/chunk-26NWFPFV.js";export{a as showCharts};
