/**
 * Authentication of the peer.
 *
 * <ul>
 *   <li>{@link io.faultline.proto.security.Security}: a node's setting: TLS, a token, or neither.
 *   <li>{@link io.faultline.proto.security.MutualTls}: a node's certificate and the CA that it
 *       trusts; adds TLS to a channel's pipeline, in the order {@code PlainTextGuard} (destination
 *       only: refuses a peer without TLS in plain text), Netty's handler, {@code TlsErrorHandler}
 *       (exceptions with a message for the user, by {@code TlsFailures}), which other protocols use
 *       too.
 *   <li>{@link io.faultline.proto.security.SharedKey}: a token or a session key: nonces, and the
 *       proof of knowing it in the hello.
 * </ul>
 *
 * <p>The handlers run on the connection's event loop; the other classes are immutable.
 */
@NullMarked
package io.faultline.proto.security;

import org.jspecify.annotations.NullMarked;
