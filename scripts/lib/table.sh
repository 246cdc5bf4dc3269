# The closing table of proofs. Sourced.

# proof_table LEDGER [PATTERN]: prints one line for each expected proof (scripts/proofs.txt, those that match the
# pattern) and sets PROOFS_MISSING to how many were skipped or never came. A proof nobody expects is a mistake too:
# the list would no longer say what a whole run brings.
proof_table() {
  local ledger=$1 pattern=${2:-.} name status count note
  PROOFS_MISSING=0
  printf '\n%-9s %6s  %s\n' PROOF COUNT ''
  while IFS= read -r name; do
    IFS=$'\t' read -r status count note < <(jq -rs --arg name "$name" '
      map(select(.proof == $name)) | if length == 0 then ["MISSING", 0, ""] else
        [(if any(.status == "skipped") then "SKIPPED" else "ran" end), (map(.count) | add),
         (if length == 1 then .[0].note else (map(select(.status == "skipped").note) | unique | join("; ")) end)]
      end | @tsv' "$ledger")
    [ "$status" = ran ] || PROOFS_MISSING=$((PROOFS_MISSING + 1))
    printf '%-9s %6s  %s%s\n' "$status" "$count" "$name" "${note:+ ($note)}"
  done < <(grep -v -e '^#' -e '^$' scripts/proofs.txt | grep -E -- "$pattern")
  while IFS= read -r name; do
    if ! grep -qxF -- "$name" scripts/proofs.txt; then
      PROOFS_MISSING=$((PROOFS_MISSING + 1))
      printf '%-9s %6s  %s\n' UNLISTED '' "$name (add it to scripts/proofs.txt)"
    fi
  done < <(jq -r .proof "$ledger" | sort -u)
}
