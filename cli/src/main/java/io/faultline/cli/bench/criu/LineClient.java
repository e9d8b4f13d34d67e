package io.faultline.cli.bench.criu;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A connection to a server in a {@link Host}: a line for each request, a line for each answer. It
 * connects as soon as the server listens. Confined to the caller's thread; a thread of its own
 * reads the answers, so that waits can end.
 */
public final class LineClient implements AutoCloseable {
  private final Process process;
  private final BufferedWriter requests;
  private final BlockingQueue<Optional<String>> answers = new LinkedBlockingQueue<>();

  private LineClient(Process process) {
    this.process = process;
    this.requests = process.outputWriter();
  }

  static LineClient connect(Host host, Path program, int port) throws IOException {
    List<String> command = host.command(List.of(program.toString(), Integer.toString(port)));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD); // of nsenter, when the host is closed
    LineClient client = new LineClient(builder.start());
    Thread.ofPlatform().daemon().name("line-client").start(client::read);
    return client;
  }

  private void read() {
    try (BufferedReader reader = process.inputReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        answers.add(Optional.of(line));
      }
    } catch (IOException e) {
      // this client was closed
    }
    answers.add(Optional.empty());
  }

  /**
   * Sends a request and returns the answer.
   *
   * @throws IOException if there is none within the time, or the connection is closed
   */
  public String ask(String request, Duration limit) throws IOException, InterruptedException {
    send(request);
    return answer(request, limit);
  }

  /** Sends a request; {@link #answer} waits for the answer. */
  public void send(String request) throws IOException {
    requests.write(request + "\n");
    requests.flush();
  }

  /**
   * Waits for the next line.
   *
   * @param request for the message, if there is none
   * @throws IOException if there is none within the time
   */
  public String answer(String request, Duration limit) throws IOException, InterruptedException {
    Optional<String> answer = answers.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
    if (answer == null) {
      throw new IOException("no answer to " + request + " within " + limit);
    }
    return answer.orElseThrow(() -> new IOException("closed before the answer to " + request));
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
