import{a}from"./chunks/chunk-2ESUS46F.js";import"./chunks/chunk-5NLKHIRO.js";import"./chunks/chunk-DCANE7XH.js";export{a as showTables};
