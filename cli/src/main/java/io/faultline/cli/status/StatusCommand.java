package io.faultline.cli.status;

import io.faultline.source.journal.JournalSummary;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code faultline status}: which side owns the VM of each node on this machine, and pagers. */
@Command(
    name = "status",
    description = {
      "Show which side owns each VM, and what to do after a crash.",
      "Lists the sources and destinations of this user on this machine, including killed ones;",
      "and pagers, with their clients and figures."
    },
    footer = {"", "Exit codes: 0 shown, even if there are no nodes; 1 failed, 2 wrong use."})
public final class StatusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private StateOption state = new StateOption();

  @Option(names = "--json", description = "Print JSON instead of text.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    Path directory = state.directory();
    List<NodeStatusList.Entry> entries = NodeStatusList.read(directory);
    List<PagerStatus> pagers = PagerStatus.list(directory);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ArrayNode all = toJson(entries);
      pagers.forEach(pager -> all.add(pager.json()));
      out.println(all.toPrettyString());
    } else if (entries.isEmpty() && pagers.isEmpty()) {
      out.println("no source, destination or pager has a status file in " + directory);
    } else {
      entries.forEach(entry -> print(out, entry));
      pagers.forEach(pager -> PagerStatusText.of(pager.json()).forEach(out::println));
    }
    out.flush();
    return ExitCode.OK;
  }

  private static void print(PrintWriter out, NodeStatusList.Entry entry) {
    RecoveryAdvice advice = RecoveryAdvice.of(entry);
    out.println(title(entry));
    out.println("  VM owner  " + advice.owner() + ": " + advice.explanation());
    out.println("  to do     " + advice.action());
    if (isControllable(entry)) {
      out.println("  control   " + controlCommand(entry) + " VERB");
    }
  }

  private static boolean isControllable(NodeStatusList.Entry entry) {
    NodeStatus status = entry.status();
    Path directory = entry.file().getParent();
    return status != null
        && directory != null
        && status.isAlive()
        && Files.exists(LiveNode.socket(directory, status.processId()));
  }

  private static String controlCommand(NodeStatusList.Entry entry) {
    NodeStatus status = entry.status();
    String id = status == null ? "" : LiveNode.shortId(status.migration());
    boolean isDestination = status != null && !status.source();
    return "faultline control"
        + (isDestination ? " --role=dest" : "")
        + (id.isEmpty() ? "" : " " + id);
  }

  private static String title(NodeStatusList.Entry entry) {
    NodeStatus status = entry.status();
    if (status == null) {
      JournalSummary journal = entry.journal();
      LeftGuest left = entry.left();
      if (left != null) {
        return "destination of migration " + left.migration() + ": its node has ended";
      }
      return journal == null ? "" : "source of migration " + journal.id() + ": journal only";
    }
    return status.role()
        + (status.migration().isEmpty() ? "" : " of migration " + status.migration())
        + (status.peer().isEmpty() ? "" : " to " + status.peer())
        + ": process "
        + status.processId()
        + (status.isAlive() ? ", " : " DIED, last known ")
        + status.step()
        + " since "
        + status.since();
  }

  private static ArrayNode toJson(List<NodeStatusList.Entry> entries) {
    ArrayNode all = JsonMapper.shared().createArrayNode();
    for (NodeStatusList.Entry entry : entries) {
      RecoveryAdvice advice = RecoveryAdvice.of(entry);
      NodeStatus status = entry.status();
      JournalSummary journal = entry.journal();
      ObjectNode each = all.addObject();
      if (status != null) {
        each.setAll(status.toJson());
        each.put("alive", status.isAlive());
      } else if (entry.left() != null) {
        each.put("role", "destination").put("alive", false);
        each.put("migration", entry.left().migration());
      } else {
        each.put("role", "source");
        each.put("alive", journal != null && journal.underWay());
      }
      addJournal(each, journal);
      each.put("vm", advice.owner());
      each.put("means", advice.explanation());
      each.put("to_do", advice.action());
      if (isControllable(entry)) {
        each.put("control", controlCommand(entry));
      }
    }
    return all;
  }

  private static void addJournal(ObjectNode each, @Nullable JournalSummary journal) {
    if (journal != null) {
      each.put("migration", journal.id());
      each.put("journal", journal.file().toString());
      each.put("journal_says", OwnershipStep.valueOf(journal.stage().name()).toString());
    }
  }
}
