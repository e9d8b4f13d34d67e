package io.faultline.restore.origin;

import io.faultline.proto.SocketPoll;
import io.netty.channel.Channel;
import io.netty.channel.IoEventLoop;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a page server's socket straight into the parser's buffer, bypassing the channel's buffers
 * and pipeline, as {@link io.faultline.proto.DirectReads} does for frames. Confined to the
 * session's event loop.
 */
final class SocketReads implements SocketPoll.Reader {
  /** Reads per event; then the loop serves its other descriptors, such as faults. */
  private static final int MAX_READS = 4;

  private final Channel channel;
  private final Socket socket;
  private final AnswerParser parser;
  private final Runnable afterRead;
  private @Nullable SocketPoll poll;

  private SocketReads(Channel channel, Socket socket, AnswerParser parser, Runnable afterRead) {
    this.channel = channel;
    this.socket = socket;
    this.parser = parser;
    this.afterRead = afterRead;
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
    return SocketPoll.start(
        channel, loop, socket, new SocketReads(channel, socket, parser, afterRead));
  }

  @Override
  public void started(SocketPoll made) {
    poll = made;
    made.resume();
  }

  @Override
  public void readable() throws IOException {
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
    if (parser.isOver() && poll != null) {
      poll.pause();
    }
    afterRead.run();
  }
}
