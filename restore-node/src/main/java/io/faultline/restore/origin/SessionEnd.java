package io.faultline.restore.origin;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends the session of an earlier program at a page server, when all pages have arrived: that
 * program was killed before the server was told, or while it was. The end of the stream serves both
 * cases. What still arrives is read: a socket that is closed with unread bytes is reset, which a
 * dump must not see.
 *
 * <p>Confined to the session's event loop.
 */
public final class SessionEnd implements PageOrigin, ServerChannelHandler.Events {
  private static final int LIMIT_SECONDS = 10;
  private static final String ENDED = "has ended its session already";

  private final int descriptor;
  private final EventLoop loop;
  private @Nullable PageReceiver receiver;
  private @Nullable Channel channel;

  /**
   * @param descriptor of the connection, owned by this
   */
  public SessionEnd(int descriptor, EventLoop loop) {
    this.descriptor = descriptor;
    this.loop = loop;
  }

  @Override
  public void start(PageReceiver to) {
    receiver = to;
  }

  @Override
  public void request(int pid, long address, int pages, boolean urgent) {
    throw new IllegalStateException("all pages have arrived");
  }

  @Override
  public void flush() {}

  @Override
  public boolean isImmediate() {
    return false;
  }

  @Override
  public void finish() {
    EpollSocketChannel adopted = new EpollSocketChannel(descriptor);
    if (!adopted.isActive()) { // reset: it would never be ready
      adopted.unsafe().closeForcibly();
      loop.execute(() -> end(ENDED));
      return;
    }
    channel = adopted;
    ServerConnection.commit(adopted);
    adopted.config().setAllowHalfClosure(false);
    adopted.pipeline().addLast(new ServerChannelHandler(this, false));
    EventLoopGroup group = loop;
    group.register(adopted);
    var _ = loop.schedule(() -> end("did not end its session"), LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void connected(Channel to) {}

  @Override
  public void ready(Channel connected) {
    ((EpollSocketChannel) connected).shutdownOutput();
  }

  @Override
  public void received(ByteBuf bytes) {}

  @Override
  public void closed() {
    end("");
  }

  @Override
  public void broken(Throwable cause) {
    end(ENDED);
  }

  private void end(String warning) {
    PageReceiver to = receiver;
    abort();
    if (to != null) {
      if (!warning.isEmpty()) {
        to.warning("the page server " + warning + ": see whether the dump has ended");
      }
      to.finished();
    }
  }

  @Override
  public void abort() {
    receiver = null;
    if (channel != null) {
      channel.close();
    }
  }
}
