/**
 * Where pages come from: each origin answers requests for pages of the dump.
 *
 * <ul>
 *   <li>{@link io.faultline.restore.origin.PageOrigin}, {@link
 *       io.faultline.restore.origin.PageReceiver} for the pages, and {@link
 *       io.faultline.restore.origin.SourceReceiver} for what happens to the source: the interface.
 *   <li>{@link io.faultline.restore.origin.LateOrigin}: one of the others, made when CRIU connects.
 *   <li>{@link io.faultline.restore.origin.ImageOrigin}: image files ({@code PagesFile}; holes need
 *       no data).
 *   <li>{@link io.faultline.restore.origin.PageServerOrigin}: a page server of CRIU, set up by
 *       {@link io.faultline.restore.origin.PageServerSettings}: {@code ServerConnector}, {@code
 *       ServerConnection} (how it ends), {@code ServerChannelHandler}, {@code SilenceLimit}, {@code
 *       ServerProblem}, {@code PageRequests}, {@code RequestQueue} and {@code RequestWriter} (out),
 *       {@code SocketReads} and {@code AnswerParser} with {@code WrongAnswer} (in). With {@link
 *       io.faultline.restore.origin.HeldConnection} another program can continue the session:
 *       {@code ConnectionHold}, {@code RequestJournal}, {@code StreamPosition}; or end it: {@link
 *       io.faultline.restore.origin.SessionEnd}.
 * </ul>
 */
@NullMarked
package io.faultline.restore.origin;

import org.jspecify.annotations.NullMarked;
