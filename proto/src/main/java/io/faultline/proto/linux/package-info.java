/** The system calls that the wire needs and Netty does not have. */
@NullMarked
package io.faultline.proto.linux;

import org.jspecify.annotations.NullMarked;
