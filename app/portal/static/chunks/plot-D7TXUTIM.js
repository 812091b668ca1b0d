import{a,b}from"./chunk-ONB7LTQ2.js";import"./chunk-LXFYRSBD.js";import"./chunk-5NLKHIRO.js";import"./chunk-DCANE7XH.js";export{a as Plot,b as plot};
