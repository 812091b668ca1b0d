var n=!1;document.addEventListener("submit",e=>{n=!e.defaultPrevented});function t(e=location.href){n||location.replace(e)}export{t as a};
