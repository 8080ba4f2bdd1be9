/** How Gantry keeps unpacked layers, in the word that containerd has for it. Docker's `overlay2` is another layout. */
export const storageDriver = 'overlayfs';
