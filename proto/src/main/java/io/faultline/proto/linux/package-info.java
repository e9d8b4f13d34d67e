/**
 * System calls that the wire needs and Netty does not have. {@link
 * io.faultline.proto.linux.Descriptors}: fcntl(2), for {@link io.faultline.proto.DirectReads}.
 */
@NullMarked
package io.faultline.proto.linux;

import org.jspecify.annotations.NullMarked;
