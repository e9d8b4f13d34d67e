package io.faultline.restore.origin;

import io.faultline.proto.NodeEnvironment;
import io.faultline.restore.image.TaskImage;
import io.faultline.restore.pageserver.PageServerCommand;
import io.faultline.restore.pageserver.PageServerHeader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.IoEventLoop;
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
  private final ConnectionHold hold;
  private final NodeEnvironment environment;
  private final IoEventLoop loop;
  private final PageRequests requests;
  private final SilenceLimit silence;
  private State state = State.NEW;
  private @Nullable PageReceiver receiver;
  private @Nullable AnswerParser parser;
  private @Nullable ServerConnector connector;
  private @Nullable Channel channel;
  private @Nullable ScheduledFuture<?> watch;

  /** Whether the source is not needed any more. */
  private boolean finishing;

  /** As the other constructor, for a connection that ends with this program. */
  public PageServerOrigin(
      PageServerSettings settings,
      PageServerHeader header,
      IntFunction<TaskImage> tasks,
      NodeEnvironment environment,
      IoEventLoop loop) {
    this(settings, header, tasks, null, environment, loop);
  }

  /**
   * @param header of the dump's version: see {@link TaskImage#isWide}
   * @param tasks the images of a process, by its id
   * @param held so that another program can continue; null if none does. Not with TLS
   * @param loop the session's
   */
  public PageServerOrigin(
      PageServerSettings settings,
      PageServerHeader header,
      IntFunction<TaskImage> tasks,
      @Nullable HeldConnection held,
      NodeEnvironment environment,
      IoEventLoop loop) {
    if (held != null && settings.tls() != null) {
      throw new IllegalArgumentException("a connection with TLS cannot be continued");
    }
    this.settings = settings;
    this.header = header;
    requests = new PageRequests(header, tasks);
    hold = new ConnectionHold(held, requests);
    this.environment = environment;
    this.loop = loop;
    silence = new SilenceLimit(settings.silenceSeconds());
  }

  @Override
  public void start(PageReceiver to) {
    receiver = to;
    AnswerParser answers = new AnswerParser(header, requests.queue(), to);
    parser = answers;
    state = State.CONNECTING;
    String problem = hold.resume(answers);
    if (!problem.isEmpty()) {
      loop.execute(() -> fail(problem)); // the caller does not expect a failure now
      return;
    }
    connector =
        new ServerConnector(
            settings,
            environment,
            loop,
            new ServerChannelHandler(this, settings.tls() != null),
            this::fail);
    watch = loop.scheduleWithFixedDelay(this::checkSilence, 1, 1, TimeUnit.SECONDS);
    connector.start(hold.earlier() >= 0 ? hold.earlier() : settings.descriptor());
  }

  @Override
  public void request(int pid, long address, int pages, boolean urgent) {
    requests.check(pid, address, pages);
    if (state == State.CONNECTING || state == State.OPEN) {
      requests.request(pid, address, pages);
    }
  }

  @Override
  public void flush() {
    if (state == State.OPEN) {
      requests.flush();
    }
  }

  @Override
  public boolean isImmediate() {
    return false;
  }

  @Override
  public boolean isResumable() {
    return hold.isWanted() && state == State.OPEN;
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
    requests.end(command);
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
      boolean waits =
          state == State.FINISHING || (state == State.OPEN && !requests.queue().isEmpty());
      if (silence.isOver(waits, answers.receivedBytes())) {
        fail(problem().silent(settings.silenceSeconds()));
      }
    }
  }

  private ServerProblem problem() {
    return ServerProblem.now(settings.tls() != null, state == State.FINISHING, parser, requests);
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
    requests.close();
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
    to.config().setAutoRead(!hold.isWanted()); // what is read otherwise is not in the journal
  }

  @Override
  public void ready(Channel connected) {
    AnswerParser answers = parser;
    if (state != State.CONNECTING || answers == null) {
      return;
    }
    state = State.OPEN;
    String problem = hold.begin(connected, answers, source());
    Socket socket = ServerConnection.direct(connected, settings.tls() != null);
    boolean isDirect =
        socket != null && SocketReads.start(connected, loop, socket, answers, this::afterRead);
    if (!problem.isEmpty() || (hold.isWanted() && !isDirect)) {
      fail(problem.isEmpty() ? "cannot be read: too many descriptors are open here" : problem);
      return;
    }
    requests.start(connected, socket);
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
    fail(problem().closed());
  }

  @Override
  public void broken(Throwable cause) {
    fail(problem().broken(cause, state == State.CONNECTING));
  }
}
