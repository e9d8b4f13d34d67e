/**
 * Accepting connections and the hello handshake, up to the point where a connection belongs to a
 * migration. Everything here runs on the accept loop.
 *
 * <p>In the order of a connection's life:
 *
 * <ol>
 *   <li>{@link io.faultline.proto.accept.ConnectionListener} listens; {@code AcceptErrorHandler}
 *       logs that connections cannot be accepted, for example without free file descriptors.
 *   <li>{@code HandshakeInitializer} sets up a new connection (TLS, receive buffer, decoder) and
 *       bounds how many are in the handshake.
 *   <li>{@code HelloServer} receives the hello and checks the proof, within five seconds. It knows
 *       the {@link io.faultline.proto.accept.Peer} then.
 *   <li>{@link io.faultline.proto.accept.ConnectionPolicy} decides whether the peer belongs to the
 *       migration; the package that uses this one implements it.
 *   <li>{@code LoopTransferHandler} moves the connection to the event loop that the resulting
 *       {@link io.faultline.proto.accept.Admission} names.
 * </ol>
 */
@NullMarked
package io.faultline.proto.accept;

import org.jspecify.annotations.NullMarked;
