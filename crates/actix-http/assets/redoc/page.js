const main = document.getElementById("redoc");
Redoc.init(main.dataset.document, { scrollYOffset: "nav" }, main);
