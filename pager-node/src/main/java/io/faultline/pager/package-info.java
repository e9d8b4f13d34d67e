/**
 * The pager process: memory larger than RAM for any program, which hands over a userfaultfd and a
 * memfd. The paging itself is {@link io.faultline.paging.SharedMemoryPager}.
 *
 * <ul>
 *   <li>{@link io.faultline.pager.PagerServer}: listens on a Unix socket, and runs a {@code
 *       ClientSession} for each connection.
 *   <li>{@code ClientSession}: receives the handshake, answers requests, and writes everything back
 *       once the client is gone. {@code ClientSocket}: lines and descriptors.
 *   <li>{@code HandshakeParser} and {@code RequestParser} check what a client sends, member by
 *       member ({@code JsonFields}); {@code RegionRequest} and {@code Request} are what they
 *       return, {@code RefusedException} why not. {@code Answers} is what the pager sends.
 *   <li>{@code ClientMemory}: the regions of one client; {@code Requests} does what they ask for.
 *   <li>{@link io.faultline.pager.Stores}: what clients page from and to; each is opened once
 *       ({@code OpenStore}), and each part of it is used once ({@link
 *       io.faultline.paging.store.StoreRange}), or by several that only read.
 *   <li>{@code MemoryClaims}: which parts of memfds are paged, each once.
 *   <li>{@link io.faultline.pager.PagerEvents}: what the user should know; {@link
 *       io.faultline.pager.RegionStatus}: what it may ask.
 * </ul>
 */
@NullMarked
package io.faultline.pager;

import org.jspecify.annotations.NullMarked;
