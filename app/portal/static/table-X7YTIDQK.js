import{a}from"./chunks/chunk-D4KLANKM.js";import"./chunks/chunk-5NLKHIRO.js";import"./chunks/chunk-DCANE7XH.js";export{a as showTables};
