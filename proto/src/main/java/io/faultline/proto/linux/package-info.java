/**
 * System calls that the wire needs and Netty does not have. {@link
 * io.faultline.proto.linux.Descriptors}: fcntl(2), for {@link io.faultline.proto.DirectReads};
 * {@link io.faultline.proto.linux.TimeSlice}: how soon the thread of an event loop runs.
 */
@NullMarked
package io.faultline.proto.linux;

import org.jspecify.annotations.NullMarked;
