/** A whole task: its row and what stands beside it; `hint` pins the index by which the row is found. */
export function selectRecord(prefix: string, hint = ''): string {
  return `
  SELECT task.*, input.input, outcome.progress, outcome.progress_fence, outcome.result, outcome.error
  FROM ${prefix}tasks AS task ${hint}
  CROSS JOIN ${prefix}inputs AS input ON input.seq = task.seq
  LEFT JOIN ${prefix}outcomes AS outcome ON outcome.seq = task.seq`;
}
