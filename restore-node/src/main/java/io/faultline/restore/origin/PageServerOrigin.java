package io.faultline.restore.origin;

import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.Transport;
import io.faultline.restore.image.PageExtents;
import io.faultline.restore.image.TaskImage;
import io.faultline.restore.pageserver.PageServerCommand;
import io.faultline.restore.pageserver.PageServerHeader;
import io.faultline.restore.space.DumpLayout;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Pages from a page server of CRIU: a {@code criu dump --lazy-pages}, or one that serves image
 * files. Requests are pipelined; the server answers in their order.
 *
 * <p>Until {@link #finish}, every end of the connection resets it, so that the source runs on (see
 * {@link ServerConnection}). After a failure the connection stays until {@link #abort}: the
 * restored processes must be gone before the source runs.
 */
public final class PageServerOrigin implements PageOrigin, ServerChannelHandler.Events {
  private enum State {
    NEW,
    CONNECTING,
    OPEN,
    FINISHING,
    ENDED
  }

  private final PageServerSettings settings;
  private final PageServerHeader header;
  private final IntFunction<TaskImage> tasks;
  private final NodeEnvironment environment;
  private final IoEventLoop loop;
  private final RequestQueue requests = new RequestQueue();
  private final RequestWriter writer = new RequestWriter();
  private final SilenceLimit silence;
  private State state = State.NEW;
  private @Nullable PageReceiver receiver;
  private @Nullable AnswerParser parser;
  private @Nullable ServerConnector connector;
  private @Nullable Channel channel;
  private @Nullable ScheduledFuture<?> watch;

  /** Whether the source is not needed any more. */
  private boolean finishing;

  /**
   * @param header of the dump's version: see {@link TaskImage#isWide}
   * @param tasks the images of a process, by its id
   * @param loop the session's
   */
  public PageServerOrigin(
      PageServerSettings settings,
      PageServerHeader header,
      IntFunction<TaskImage> tasks,
      NodeEnvironment environment,
      IoEventLoop loop) {
    this.settings = settings;
    this.header = header;
    this.tasks = tasks;
    this.environment = environment;
    this.loop = loop;
    silence = new SilenceLimit(settings.silenceSeconds());
  }

  @Override
  public void start(PageReceiver to) {
    receiver = to;
    parser = new AnswerParser(header, requests, to);
    state = State.CONNECTING;
    connector =
        new ServerConnector(
            settings,
            environment,
            loop,
            new ServerChannelHandler(this, settings.tls() != null),
            this::fail);
    connector.start();
    watch = loop.scheduleWithFixedDelay(this::checkSilence, 1, 1, TimeUnit.SECONDS);
  }

  @Override
  public void request(int pid, long address, int pages, boolean urgent) {
    PageExtents extents = tasks.apply(pid).extents();
    int extent = extents.find(address);
    if (extent < 0
        || pages < 1
        || address + (long) pages * DumpLayout.PAGE_BYTES > extents.endOf(extent)) {
      // The server would never answer, and keep its process frozen after the end of the session.
      throw new IllegalArgumentException(
          String.format("%d pages at 0x%x of process %d: not of one extent", pages, address, pid));
    }
    if (state == State.CONNECTING || state == State.OPEN) {
      requests.add(pid, address, pages);
      header.write(writer.gathered(), PageServerCommand.GET, 0, pages, address, pid);
    }
  }

  @Override
  public void flush() {
    if (state == State.OPEN) {
      writer.flush();
    }
  }

  @Override
  public boolean isImmediate() {
    return false;
  }

  /** Whether the server is connected and nothing has ended the session. */
  boolean isOpen() {
    return state == State.OPEN;
  }

  /**
   * While the server is not connected yet, waits until it is: no page was needed, but the source
   * must end all the same. After a failure only the connection is ended: a dump then ends its
   * process.
   */
  @Override
  public void finish() {
    finishing = true;
    if (state == State.OPEN) {
      sendEnd();
    } else if (state == State.ENDED) {
      Channel connected = channel;
      if (connected != null) {
        commit(connected);
        connected.close();
      }
      finished("was not told the end of the session");
    }
  }

  private void sendEnd() {
    Channel connected = channel;
    if (connected == null || parser == null) {
      throw new IllegalStateException("open without a connection");
    }
    state = State.FINISHING;
    parser.expectEnd();
    commit(connected);
    int command = settings.isAdopted() ? PageServerCommand.FORCE_CLOSE : PageServerCommand.CLOSE;
    header.write(writer.gathered(), command, 0, 0, 0, 0);
    writer.flush();
  }

  /** The source waits as long as the connection is open, and ends with it from now on. */
  private void commit(Channel connected) {
    source().owned();
    ServerConnection.commit(connected);
  }

  private SourceReceiver source() {
    return receiver == null ? SourceReceiver.NONE : receiver.source();
  }

  @Override
  public void abort() {
    if (state != State.ENDED) {
      end();
    }
    if (connector != null) {
      connector.cancel();
    }
  }

  private void checkSilence() {
    AnswerParser answers = parser;
    if (answers != null) {
      boolean waits = state == State.FINISHING || (state == State.OPEN && !requests.isEmpty());
      if (silence.isOver(waits, answers.receivedBytes())) {
        fail("sent nothing for " + settings.silenceSeconds() + " s while " + wanted());
      }
    }
  }

  private String wanted() {
    return state == State.FINISHING
        ? "it had to confirm the end of the session"
        : requests.pageCount() + " pages were requested";
  }

  /** Looks at what the parser found. */
  private void afterRead() {
    AnswerParser answers = parser;
    if (answers == null || state == State.ENDED) {
      return;
    }
    String error = answers.error();
    if (error != null) {
      fail(error);
    } else if (answers.isEnded()) {
      closeOrderly(answers.status());
    }
  }

  private void closeOrderly(int status) {
    Channel connected = channel;
    end();
    if (connected != null) {
      connected.close();
    }
    finished(status == 0 ? "" : "reported error " + status + " at the end of the session");
  }

  /** After the commit the processes have all of their memory, so that nothing fails any more. */
  private void fail(String problem) {
    if (state == State.ENDED) {
      return;
    }
    boolean committed = finishing;
    Channel connected = channel;
    end();
    if (committed) {
      if (connected != null) {
        connected.close();
      }
      finished(problem);
    } else if (receiver != null) {
      receiver.failed(settings.name() + ": " + problem);
    }
  }

  private void finished(String warning) {
    if (receiver != null) {
      if (!warning.isEmpty()) {
        receiver.warning(settings.name() + ": " + warning);
      }
      receiver.finished();
    }
  }

  /** Nothing is read or written any more; the connection stays. */
  private void end() {
    state = State.ENDED;
    writer.close();
    if (parser != null) {
      parser.stop();
    }
    if (watch != null) {
      watch.cancel(false);
    }
    if (channel != null) {
      channel.config().setAutoRead(false);
    }
  }

  @Override
  public void connected(Channel to) {
    channel = to;
  }

  @Override
  public void ready(Channel connected) {
    AnswerParser answers = parser;
    if (state != State.CONNECTING || answers == null) {
      return;
    }
    state = State.OPEN;
    if (connected instanceof EpollSocketChannel epoll) {
      source().connected(epoll.fd().intValue());
    }
    Socket socket = ServerConnection.direct(connected, settings.tls() != null);
    if (socket != null) {
      SocketReads.start(connected, loop, socket, answers, this::afterRead);
    }
    writer.start(connected, socket);
    if (finishing) {
      sendEnd();
    }
  }

  @Override
  public void received(ByteBuf bytes) {
    if (parser != null) {
      parser.read(bytes);
    }
    afterRead();
  }

  @Override
  public void closed() {
    fail(
        state == State.FINISHING
            ? "closed the connection before it confirmed the end of the session"
            : "closed the connection while "
                + wanted()
                + hint()
                + ": see the log of the dump or page server there");
  }

  @Override
  public void broken(Throwable cause) {
    boolean inHandshake = state == State.CONNECTING && settings.tls() != null;
    boolean explained = inHandshake && !(cause instanceof NativeIoException);
    fail(
        explained
            ? "TLS: " + cause.getMessage()
            : Transport.closeReason("the connection", cause) + hint());
  }

  /** A server may reset the connection before the client has read why it refuses it. */
  private String hint() {
    if (parser == null || parser.hasAnswered()) {
      return "";
    }
    return settings.tls() != null
        ? " (it may not accept this side's certificate)"
        : " (it may need --tls)";
  }
}
