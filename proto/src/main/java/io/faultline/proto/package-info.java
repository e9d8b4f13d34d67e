/**
 * The wire of a migration: frames of a Protocol Buffers header and raw payload, over TCP.
 *
 * <ul>
 *   <li>{@link io.faultline.proto.FrameWriter} and {@link io.faultline.proto.FrameDecoder}: frames
 *       to bytes and back, page data untouched; {@link io.faultline.proto.FrameReceiver} gets them.
 *   <li>{@link io.faultline.proto.DirectReads} and {@link io.faultline.proto.DirectWrites}: single
 *       pages and requests for them, past Netty's channel.
 *   <li>{@link io.faultline.proto.RunChecksum}: the sum of a run of pages; {@code HeaderChecksum}:
 *       that of all other frames.
 *   <li>{@link io.faultline.proto.PageCodec}: runs of pages compressed, by LZ4 or Zstandard.
 *   <li>{@link io.faultline.proto.Hellos}: what every connection starts with, and {@link
 *       io.faultline.proto.Capability} what it agrees on.
 *   <li>{@link io.faultline.proto.security}: who the peer is; {@code ProtocolDetector}: whether it
 *       speaks something else.
 *   <li>{@link io.faultline.proto.Heartbeats}: signs of life, and their absence; {@link
 *       io.faultline.proto.PeerTimeouts}: how long a node waits.
 *   <li>{@link io.faultline.proto.NodeEnvironment}: loops, channels, time and chance; {@link
 *       io.faultline.proto.Transport}: those of this machine, epoll or NIO.
 *   <li>{@link io.faultline.proto.LoopPoll}: whether a loop spins or sleeps, as {@link
 *       io.faultline.proto.Polling} says.
 *   <li>{@code io.faultline.proto.wire}: the messages, generated from {@code faultline.proto}.
 * </ul>
 */
@NullMarked
package io.faultline.proto;

import org.jspecify.annotations.NullMarked;
