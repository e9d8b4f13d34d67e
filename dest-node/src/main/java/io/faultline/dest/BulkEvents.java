package io.faultline.dest;

/** What the bulk connection brought, for the state machine. */
final class BulkEvents implements BulkIntake.Events {
  private final MigrationDestination destination;

  BulkEvents(MigrationDestination destination) {
    this.destination = destination;
  }

  @Override
  public void roundReceived(int round) {
    destination.onMigration(migration -> migration.roundReceived(round));
  }

  @Override
  public void discarded(long pages, long tookNanos) {
    destination.onMigration(migration -> migration.discarded(pages, tookNanos));
  }

  @Override
  public void staleKnown(long pages) {
    destination.onMigration(migration -> migration.staleKnown(pages));
  }

  @Override
  public void streamEnded(long announcedPages, long receivedPages) {
    destination.onMigration(migration -> migration.bulkStreamEnded(announcedPages, receivedPages));
  }

  @Override
  public void failed(RuntimeException cause) {
    destination.failed(String.valueOf(cause.getMessage()));
  }
}
