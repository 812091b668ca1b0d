import{a as r}from"./chunks/chunk-5NLKHIRO.js";import"./chunks/chunk-DCANE7XH.js";export{r as number};
