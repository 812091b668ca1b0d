import{a,b}from"./chunk-SCQ6D2E4.js";import"./chunk-FOL2GJGY.js";import"./chunk-MP333LC4.js";import"./chunk-26NWFPFV.js";import"./chunk-DCANE7XH.js";export{a as Plot,b as plot};
