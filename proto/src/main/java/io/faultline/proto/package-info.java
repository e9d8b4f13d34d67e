/**
 * The wire of a migration: frames of a Protocol Buffers header and raw payload, over TCP with
 * Netty. Every class that works on a connection is confined to that connection's event loop.
 *
 * <p>Connection set-up:
 *
 * <ul>
 *   <li>{@link io.faultline.proto.NodeEnvironment}: event loops, channels, clock and random numbers
 *       of a node; {@link io.faultline.proto.Transport}: the real ones, with epoll or NIO, and
 *       {@code ChannelClosingLoop}: no channel outlives them. {@link
 *       io.faultline.proto.SocketAddresses}: how an address is written in messages.
 *   <li>{@link io.faultline.proto.Polling} and {@link io.faultline.proto.LoopPoll}: whether a loop
 *       spins or sleeps.
 *   <li>{@link io.faultline.proto.security}: TLS, tokens and session keys.
 *   <li>{@link io.faultline.proto.connect} and {@link io.faultline.proto.accept}: the client and
 *       the server of the handshake; when to reconnect. {@link io.faultline.proto.Service}: what
 *       the two are to each other.
 * </ul>
 *
 * <p>Hello, the first frame of a connection:
 *
 * <ul>
 *   <li>{@link io.faultline.proto.Hellos}: creates and checks hellos and their answers; {@link
 *       io.faultline.proto.Capability}: the optional features on which both sides agree; {@link
 *       io.faultline.proto.RefusedException}: the peer refused.
 *   <li>{@code ProtocolDetector}: recognizes a peer that speaks TLS instead.
 * </ul>
 *
 * <p>Frames out:
 *
 * <ul>
 *   <li>{@link io.faultline.proto.FrameWriter}: writes frames; the two hot headers, page request
 *       and run of pages, by hand ({@code Varint}).
 *   <li>{@link io.faultline.proto.SendQueueLimit}: keeps bulk queues short while the guest requests
 *       pages, with {@link io.faultline.proto.SocketOptions}.
 *   <li>{@link io.faultline.proto.FrameRehearsal}: runs the frames of the switchover once, before
 *       the pause.
 * </ul>
 *
 * <p>Frames in:
 *
 * <ul>
 *   <li>{@link io.faultline.proto.FrameDecoder}: the last handler of the pipeline; splits the
 *       stream into frames, page data untouched. {@code HeaderLength} finds the headers, {@code
 *       PageHeaderParser} parses the hot ones, {@code ControlHeaderParser} all others.
 *   <li>{@link io.faultline.proto.FrameReceiver}: the node's side, called for each frame. It may
 *       pause its connection ({@code PausedReads}).
 *   <li>{@link io.faultline.proto.WireException}: the peer violated the protocol.
 * </ul>
 *
 * <p>Direct socket path, which bypasses Netty's pipeline for single pages and requests:
 *
 * <ul>
 *   <li>{@link io.faultline.proto.DirectReads} and {@link io.faultline.proto.DirectWrites}; {@link
 *       io.faultline.proto.SocketPoll}: says when a socket may be readable; {@link
 *       io.faultline.proto.linux}: the system call that they need.
 * </ul>
 *
 * <p>Checksums and compression:
 *
 * <ul>
 *   <li>{@link io.faultline.proto.RunChecksum}: of a run of pages; {@code HeaderChecksum}: of all
 *       other frames.
 *   <li>{@link io.faultline.proto.compression}: runs of pages with LZ4 or Zstandard; {@link
 *       io.faultline.proto.runs}: which runs are compressed, and how they are received.
 * </ul>
 *
 * <p>Heartbeats and time-outs:
 *
 * <ul>
 *   <li>{@link io.faultline.proto.Heartbeats}: when to send one, and whether the peer is silent for
 *       too long; {@link io.faultline.proto.PeerTimeouts}: the limits.
 *   <li>{@link io.faultline.proto.AnswerDeadline}: what the peer must do next, and until when.
 *   <li>{@link io.faultline.proto.PeerWait} and {@link io.faultline.proto.WaitReport}: what a node
 *       waits for, and when to print that.
 * </ul>
 *
 * <p>{@link io.faultline.proto.metrics}: how a node registers its meters.
 *
 * <p>{@code io.faultline.proto.wire}: the messages, generated from {@code faultline.proto}.
 */
@NullMarked
package io.faultline.proto;

import org.jspecify.annotations.NullMarked;
