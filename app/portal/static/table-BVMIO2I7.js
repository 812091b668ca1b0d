import{a}from"./chunks/chunk-LABS6HI2.js";import"./chunks/chunk-5NLKHIRO.js";import"./chunks/chunk-DCANE7XH.js";export{a as showTables};
