package io.faultline.restore.frozen;

import io.faultline.uffd.linux.process.PidFd;

/**
 * One frozen process. Thread-safe.
 *
 * @param index the region of its pages on the wire
 * @param imagePid its id in the images of the dump
 * @param process holds it; closed with the tree
 */
record FrozenTask(int index, int imagePid, PidFd process) {}
