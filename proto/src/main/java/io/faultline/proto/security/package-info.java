/**
 * Who the peer is.
 *
 * <ul>
 *   <li>{@link io.faultline.proto.security.Security}: what a node was told of that: TLS, a token,
 *       or neither.
 *   <li>{@link io.faultline.proto.security.MutualTls}: a node's certificate, and the CA that it
 *       trusts; TLS on its connections.
 *   <li>{@code PlainTextGuard}: tells a peer that speaks no TLS so; {@code TlsErrorHandler} and
 *       {@code TlsFailures}: what TLS refuses, for a person.
 *   <li>{@link io.faultline.proto.security.SharedKey}: what both ends know, and prove to know.
 * </ul>
 */
@NullMarked
package io.faultline.proto.security;

import org.jspecify.annotations.NullMarked;
