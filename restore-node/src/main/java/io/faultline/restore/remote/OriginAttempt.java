package io.faultline.restore.remote;

import com.google.protobuf.ByteString;
import io.faultline.proto.Capability;
import io.faultline.proto.Hellos;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.SendQueueLimit;
import io.faultline.proto.Service;
import io.faultline.proto.WireException;
import io.faultline.proto.connect.HelloClient;
import io.faultline.proto.connect.HelloClient.Answered;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect, and the connections that result: one for requests for which threads wait,
 * the others for all other requests. Confined to the session's loop.
 */
final class OriginAttempt {
  private final HelloClient client;
  private final EventLoop loop;
  private final int channels;
  private final Set<Capability> offered;
  private final AttemptListener listener;
  private final OriginLink control;
  private final List<OriginLink> bulk = new ArrayList<>();
  private Set<Capability> agreed = EnumSet.noneOf(Capability.class);
  private @Nullable ProcessIndex processes;
  private int established;
  private boolean closed;
  private long urgentRequests;

  OriginAttempt(
      NodeEnvironment environment,
      EventLoop loop,
      FaultlineOriginSettings settings,
      ByteString id,
      int number,
      AttemptListener listener) {
    this.loop = loop;
    this.listener = listener;
    control = new OriginLink(this, listener);
    channels = settings.channels();
    offered = settings.capabilities();
    client =
        new HelloClient(
            environment,
            Service.PROCESS_MEMORY,
            settings.source(),
            id,
            offered,
            settings.security(),
            number,
            channels,
            settings.timeouts().silenceMillis());
  }

  /**
   * Connects.
   *
   * @param key the token, or the key of the session so far; null for none
   * @param owner whether RUN has arrived
   */
  void connect(@Nullable SharedKey key, boolean owner) {
    if (owner) {
      client.claimOwnership();
    }
    client
        .connect(Service.PROCESS_MEMORY.control(), 0, loop, key, control)
        .whenComplete(
            (answered, failure) -> {
              if (failure != null) {
                lost(failure);
              } else {
                controlAnswered(answered, key);
              }
            });
  }

  private void controlAnswered(Answered answered, @Nullable SharedKey key) {
    if (closed) {
      answered.channel().close();
      return;
    }
    Hello hello = answered.hello();
    agreed = Hellos.agreed(offered, Hellos.capabilities(hello));
    ByteString given = hello.getSessionKey();
    SharedKey session = given.isEmpty() ? key : SharedKey.ofWire(given);
    listener.connected(session, hello.getSilenceMillis());
    started(control, answered);
    for (int i = 0; i < channels; i++) {
      OriginLink link = new OriginLink(this, listener);
      bulk.add(link);
      client
          .connect(Service.PROCESS_MEMORY.bulk(), i, loop, session, link)
          .whenComplete(
              (bulkAnswered, failure) -> {
                if (failure != null) {
                  lost(failure);
                } else {
                  bulkAnswered(link, bulkAnswered);
                }
              });
    }
  }

  private void bulkAnswered(OriginLink link, Answered answered) {
    if (closed) {
      answered.channel().close();
      return;
    }
    SendQueueLimit.atReceiver(answered.channel(), () -> urgentRequests, channels);
    started(link, answered);
  }

  private void started(OriginLink link, Answered answered) {
    link.start(answered.channel());
    established++;
    openIfReady();
  }

  private void openIfReady() {
    if (processes != null && established == channels + 1 && !closed) {
      listener.opened(this);
    }
  }

  /** The page source has announced its processes. */
  void announced(ProcessIndex index) {
    boolean first = processes == null;
    processes = index;
    if (first) {
      openIfReady();
    }
  }

  Set<Capability> agreed() {
    return agreed;
  }

  /** The number of a process on the wire; -1 if the page source does not have it. */
  int process(int pid) {
    return processes == null ? -1 : processes.find(pid);
  }

  /**
   * Sends a request, at the next {@link #flush}.
   *
   * @return false if the page source does not have the process
   */
  boolean request(int pid, long page, int count, boolean urgent) {
    int process = process(pid);
    if (process < 0) {
      return false;
    }
    if (urgent) {
      urgentRequests++;
    }
    (urgent ? control : leastLoaded()).request(process, pid, page, count, urgent);
    return true;
  }

  private OriginLink leastLoaded() {
    OriginLink least = bulk.getFirst();
    for (int i = 1; i < bulk.size(); i++) {
      if (bulk.get(i).open().pageSum() < least.open().pageSum()) {
        least = bulk.get(i);
      }
    }
    return least;
  }

  void flush() {
    control.flush();
    for (int i = 0; i < bulk.size(); i++) {
      bulk.get(i).flush();
    }
  }

  /** Sends a frame on the control connection. */
  void send(Frame frame) {
    control.send(frame);
  }

  void received(OriginLink link, Frame frame) throws WireException {
    if (link != control) {
      throw new WireException("a " + frame.getBodyCase() + " on a bulk connection");
    }
    listener.received(this, frame);
  }

  void heard() {
    listener.heard(this);
  }

  /**
   * A connection is lost. If it is not the control connection, the reason may have arrived there at
   * the same time: that is read first.
   */
  void lost(OriginLink link, Throwable cause) {
    if (link == control) {
      lost(cause);
    } else {
      loop.execute(() -> lost(cause));
    }
  }

  private void lost(Throwable cause) {
    if (!closed) {
      listener.lost(this, cause);
    }
  }

  /** Closes all connections, and moves what was not answered to a list. */
  void close(RequestList unanswered) {
    closed = true;
    control.close();
    control.open().moveTo(unanswered);
    bulk.forEach(
        link -> {
          link.close();
          link.open().moveTo(unanswered);
        });
    loop.execute(this::free); // pages may be being passed on
  }

  private void free() {
    control.free();
    bulk.forEach(OriginLink::free);
  }
}
