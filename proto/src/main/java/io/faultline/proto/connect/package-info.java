/**
 * Connecting to a server, such as the destination of a migration, and when to do it again.
 *
 * <ul>
 *   <li>{@link io.faultline.proto.connect.HelloClient}: opens one connection and runs its
 *       handshake. {@code HelloReplyReceiver} is the handshake itself, on the connection's loop.
 *   <li>{@link io.faultline.proto.connect.ReconnectSchedule}: after a loss, when to make the next
 *       attempt and to which address. Confined to the control loop.
 *   <li>{@link io.faultline.proto.connect.Outage}: a snapshot of that for progress reports.
 * </ul>
 */
@NullMarked
package io.faultline.proto.connect;

import org.jspecify.annotations.NullMarked;
