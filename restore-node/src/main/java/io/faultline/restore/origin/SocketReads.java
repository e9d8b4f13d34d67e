package io.faultline.restore.origin;

import io.faultline.proto.linux.Descriptors;
import io.netty.channel.Channel;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a page server's socket straight into the parser's buffer, bypassing the channel's buffers
 * and pipeline, as {@link io.faultline.proto.DirectReads} does for frames: the loop polls a
 * duplicate of the descriptor. Confined to the session's event loop.
 */
final class SocketReads implements EpollIoHandle {
  /** Reads per event; then the loop serves its other descriptors, such as faults. */
  private static final int MAX_READS = 4;

  private final Channel channel;
  private final Socket socket;
  private final AnswerParser parser;
  private final Runnable afterRead;
  private final FileDescriptor duplicate;
  private @Nullable IoRegistration registration;

  private SocketReads(
      Channel channel,
      Socket socket,
      AnswerParser parser,
      Runnable afterRead,
      FileDescriptor duplicate) {
    this.channel = channel;
    this.socket = socket;
    this.parser = parser;
    this.afterRead = afterRead;
    this.duplicate = duplicate;
  }

  /**
   * Switches a connection to direct reads; does nothing if the process may open no more
   * descriptors.
   *
   * @param afterRead looks at the parser's state
   * @return whether it does
   */
  static boolean start(
      Channel channel, IoEventLoop loop, Socket socket, AnswerParser parser, Runnable afterRead) {
    FileDescriptor duplicate = Descriptors.duplicate(socket);
    if (duplicate != null) {
      SocketReads reads = new SocketReads(channel, socket, parser, afterRead, duplicate);
      loop.register(reads).addListener((Future<IoRegistration> result) -> reads.registered(result));
    }
    return duplicate != null;
  }

  private void registered(Future<IoRegistration> result) throws IOException {
    if (!result.isSuccess()) { // the loop has ended
      duplicate.close();
      return;
    }
    IoRegistration made = result.getNow();
    registration = made;
    channel
        .closeFuture()
        .addListener(
            closed -> {
              made.cancel();
              duplicate.close();
            });
    if (channel.isOpen()) {
      channel.config().setAutoRead(false);
      made.submit(EpollIoOps.EPOLLIN);
    }
  }

  /** The descriptor that the loop polls. */
  @Override
  public FileDescriptor fd() {
    return duplicate;
  }

  @Override
  public void handle(IoRegistration registration, IoEvent event) {
    try {
      for (int i = 0; i < MAX_READS && channel.isOpen() && !parser.isOver(); i++) {
        int wanted = parser.placeBytes();
        int read = socket.recvAddress(parser.place(), 0, wanted);
        if (read < 0) { // end of stream
          channel.close();
          return;
        }
        parser.written(read);
        if (read < wanted) {
          break;
        }
      }
    } catch (IOException | RuntimeException | Error e) { // the loop would only log it
      channel.pipeline().fireExceptionCaught(e);
      return;
    }
    if (parser.isOver()) {
      pause();
    }
    afterRead.run();
  }

  /** Errors are polled for anyway; without any interest Netty would remove the descriptor. */
  private void pause() {
    if (registration != null && channel.isOpen()) {
      registration.submit(EpollIoOps.EPOLLERR);
    }
  }

  /** The descriptor is closed with the connection. */
  @Override
  public void close() {}
}
