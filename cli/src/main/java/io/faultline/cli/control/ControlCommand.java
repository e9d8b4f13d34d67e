package io.faultline.cli.control;

import io.faultline.cli.status.ControlClient;
import io.faultline.cli.status.LiveNode;
import io.faultline.cli.status.StateOption;
import io.faultline.proto.wire.control.ControlRequest;
import io.faultline.proto.wire.control.ControlResponse;
import io.faultline.proto.wire.control.Query;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code faultline control}: steers and shows a migration that is under way. */
@Command(
    name = "control",
    description = {
      "Steer or watch a migration that is under way on this machine.",
      "Verbs: bandwidth RATE|unlimited, switch-over, cancel, pause, resume (the bulk stream),",
      "to HOST:PORT (another address of the destination), query, watch."
    },
    customSynopsis = "faultline control [OPTIONS] [ID] VERB [VALUE]",
    footer = {"", "Exit codes: 0 done, 1 refused or too late, 2 wrong use."})
public final class ControlCommand implements Callable<Integer> {
  private static final int POLL_MILLIS = 200;
  private static final Set<String> ENDS = Set.of("completed", "cancelled", "failed");

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private StateOption state = new StateOption();

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description = "Which node: source or dest (default: the source, if it is on this machine).")
  private @Nullable ControlRole role;

  @Option(names = "--json", description = "With query: print JSON instead of text.")
  private boolean json;

  @Parameters(
      arity = "0..3",
      paramLabel = "WORD",
      hidden = true,
      description = "First digits of the migration's id, if there are several; verb; its value.")
  private List<String> words = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    ControlVerb.Parsed wanted = ControlVerb.parse(words);
    ControlRequest request = wanted.verb().request(wanted.value());
    LiveNode node = NodeChoice.of(LiveNode.list(state.directory()), wanted.id(), role);
    try (ControlClient client = new ControlClient(node.socket())) {
      return switch (wanted.verb()) {
        case WATCH -> watch(client, node);
        case QUERY -> query(client.ask(request));
        default -> report(client.ask(request));
      };
    }
  }

  private int report(ControlResponse response) {
    PrintWriter to = response.getDone() ? out() : spec.commandLine().getErr();
    to.println((response.getDone() ? "" : "faultline: ") + response.getMessage());
    to.flush();
    return response.getDone() ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private int query(ControlResponse response) {
    if (!response.getDone()) {
      return report(response);
    }
    JsonNode status = JsonMapper.shared().readTree(response.getStatusJson());
    print(json ? status.toPrettyString() : StatusText.of(status));
    return ExitCode.OK;
  }

  private int watch(ControlClient client, LiveNode node) throws IOException {
    ControlRequest query =
        ControlRequest.newBuilder().setQuery(Query.newBuilder().setWaitMillis(POLL_MILLIS)).build();
    JsonNode status;
    try (WatchView view = new WatchView()) {
      do {
        ControlResponse response = client.ask(query);
        if (!response.getDone()) {
          return report(response);
        }
        status = JsonMapper.shared().readTree(response.getStatusJson());
        view.update(status);
      } while (!ENDS.contains(status.path("status").asString("")));
    } catch (IOException e) {
      throw new IOException(node.describe() + " has ended without a final status", e);
    }
    print(StatusText.of(status));
    return status.path("status").asString("").equals("completed") ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private void print(String text) {
    out().println(text);
    out().flush();
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
