import{a,b,c}from"./chunks/chunk-5BC2W7XY.js";import"./chunks/chunk-DCANE7XH.js";export{b as localTime,c as showTimes,a as zoneOf};
