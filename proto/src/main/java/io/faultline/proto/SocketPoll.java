package io.faultline.proto;

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
 * Polls a connection's socket for a reader that bypasses the channel's reads, buffers and pipeline.
 * The channel keeps its other work: it writes, detects that the peer is gone, and closes.
 *
 * <p>An epoll instance accepts each descriptor once (epoll_ctl(2)), and the channel has registered
 * its own. So the loop polls a duplicate descriptor of the same socket, closed together with the
 * first. (A nested epoll instance would work too; measured, it is slower.)
 *
 * <p>Confined to the connection's event loop.
 */
public final class SocketPoll implements EpollIoHandle {
  private final Channel channel;
  private final FileDescriptor duplicate;
  private final Reader reader;
  private @Nullable IoRegistration registration;

  /** Reads the socket. On the connection's event loop. */
  public interface Reader {
    /** The channel does not read any more: call {@link SocketPoll#resume} to be called instead. */
    void started(SocketPoll poll);

    /**
     * The socket may be readable. What is thrown is fired as an exception of the channel.
     *
     * @throws IOException if it cannot be read
     */
    void readable() throws IOException;
  }

  private SocketPoll(Channel channel, FileDescriptor duplicate, Reader reader) {
    this.channel = channel;
    this.duplicate = duplicate;
    this.reader = reader;
  }

  /**
   * Starts. Does nothing if the process may open no more descriptors: the channel goes on reading.
   *
   * @param loop the channel's, which uses epoll
   * @param socket the channel's
   * @return whether it has started
   */
  public static boolean start(Channel channel, IoEventLoop loop, Socket socket, Reader reader) {
    FileDescriptor duplicate = Descriptors.duplicate(socket);
    if (duplicate != null) {
      SocketPoll poll = new SocketPoll(channel, duplicate, reader);
      loop.register(poll).addListener((Future<IoRegistration> result) -> poll.registered(result));
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
      reader.started(this);
    }
  }

  /**
   * The reader is not called until {@link #resume}. Errors are polled for anyway (epoll_ctl(2));
   * without any interest Netty would remove the descriptor, and not add it again.
   */
  public void pause() {
    submit(EpollIoOps.EPOLLERR);
  }

  /** The reader is called when the socket may be readable. */
  public void resume() {
    submit(EpollIoOps.EPOLLIN);
  }

  private void submit(EpollIoOps interest) {
    if (registration != null && channel.isOpen()) {
      registration.submit(interest);
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
      reader.readable();
    } catch (IOException | RuntimeException | Error e) { // the loop would only log it
      channel.pipeline().fireExceptionCaught(e);
    }
  }

  /** The descriptor is closed with the connection. */
  @Override
  public void close() {}
}
