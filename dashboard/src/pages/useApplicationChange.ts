/** Changing something of an application; what is shown of it is asked for anew. */
import { useMutation, type UseMutationResult, useQueryClient } from "@tanstack/react-query";

export function useApplicationChange<Answer, Given = void>(
  appId: string,
  change: (given: Given) => Promise<Answer>,
  onSuccess: (answer: Answer) => void,
): UseMutationResult<Answer, Error, Given> {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (answer) => {
      void cache.invalidateQueries({ queryKey: ["application", appId] });
      void cache.invalidateQueries({ queryKey: ["applications"] });
      onSuccess(answer);
    },
  });
}
