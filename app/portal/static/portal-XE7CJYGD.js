import{a,b,c}from"./chunks/chunk-MR4WIFON.js";import"./chunks/chunk-DCANE7XH.js";export{b as localTime,c as showTimes,a as zoneOf};
