import{a,b,c}from"./chunks/chunk-LMKDIKSP.js";export{b as localTime,c as showTimes,a as zoneOf};
