import{a,b}from"./chunk-7JGLUJ6C.js";import"./chunk-NOC3YZ4T.js";import"./chunk-S65VFWWT.js";import"./chunk-5NLKHIRO.js";import"./chunk-DCANE7XH.js";export{a as Plot,b as plot};
