/**
 * CRIU's page server protocol, and the server's roles.
 *
 * <ul>
 *   <li>{@link io.faultline.restore.pageserver.PageServerHeader} and {@link
 *       io.faultline.restore.pageserver.PageServerCommand}: the protocol, of which there are two
 *       versions.
 *   <li>{@link io.faultline.restore.pageserver.PageServer}: a server, set up by {@link
 *       io.faultline.restore.pageserver.PageServerOptions}; reports to a {@link
 *       io.faultline.restore.pageserver.PageServerListener}.
 *   <li>{@code CommandDecoder}: splits what a client sends into commands, for a {@code Session}.
 *   <li>{@code ReceivingSession}: writes what a dump sends as images ({@code ReceivedPagemap},
 *       {@code DumpTarget}).
 *   <li>{@code Rehearsal}: runs the code of a receiving server before a process is frozen.
 *   <li>{@code ServingSession}: sends pages of images ({@code ServedImages}) to a lazy restore;
 *       {@code SilentClients} ends one that is stuck, and {@code Resets} each that must notice a
 *       failure ({@code PageServerException}).
 *   <li>{@link io.faultline.restore.pageserver.CriuTls}: TLS with CRIU's files ({@link
 *       io.faultline.restore.pageserver.CriuTlsFiles}); {@code ClientNameCheck}, at a server.
 * </ul>
 *
 * <p>The client is {@code io.faultline.restore.origin.PageServerOrigin}.
 */
@NullMarked
package io.faultline.restore.pageserver;

import org.jspecify.annotations.NullMarked;
