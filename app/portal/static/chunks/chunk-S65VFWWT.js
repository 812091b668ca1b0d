function i(r,u={},...f){let t=document.createElement(r);for(let[n,e]of Object.entries(u))e===!0?t.setAttribute(n,""):e!=null&&e!==!1&&t.setAttribute(n,e);return t.append(...f),t}export{i as a};
