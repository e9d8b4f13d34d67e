package io.faultline.restore.firecracker;

/**
 * What a Firecracker hands over.
 *
 * @param descriptor its userfaultfd, which the receiver owns
 * @param text the message
 * @param regions what it says
 */
record Handshake(int descriptor, String text, GuestRegions regions) {}
