import { Button, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Promotion } from '#contract';
import { client } from '../../../app/client.ts';
import { Failure } from '../../../parts/answer.tsx';

type Decision = 'approve' | 'reject' | 'withdraw' | 'comment';

/** Says something to a request and decides on it. The server says who may do what. */
export function Decisions({ promotion }: { readonly promotion: Promotion }) {
  const [comment, setComment] = useState('');
  const queries = useQueryClient();
  const decide = useMutation({
    mutationFn: (decision: Decision) => send(promotion, decision, comment.trim()),
    onSuccess: async () => {
      setComment('');
      await queries.invalidateQueries({ queryKey: ['registry'] });
    },
  });
  const isOpen = promotion.state === 'open';
  const isSilent = comment.trim() === '';
  const button = (decision: Decision, words: string, needsWords: boolean, variant: 'filled' | 'default') => (
    <Button
      variant={variant}
      onClick={() => decide.mutate(decision)}
      loading={decide.isPending && decide.variables === decision}
      disabled={needsWords && isSilent}
    >
      {words}
    </Button>
  );
  return (
    <div className="stack" style={{ gap: 10 }}>
      <Textarea
        label="Comment"
        description={isOpen ? 'A rejection needs one; kept in the audit log' : 'Kept in the audit log'}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
        autosize
        minRows={2}
        maxRows={10}
      />
      {decide.error && <Failure error={decide.error} />}
      <div className="row">
        {isOpen && button('approve', `Approve v${promotion.version}`, false, 'filled')}
        {isOpen && button('reject', 'Reject', true, 'default')}
        {button('comment', 'Comment', true, 'default')}
        {isOpen && button('withdraw', 'Withdraw', false, 'default')}
      </div>
    </div>
  );
}

function send({ model, number, digest }: Promotion, decision: Decision, said: string): Promise<Promotion> {
  const params = { model, promotion: number };
  const comment = said === '' ? {} : { comment: said };
  switch (decision) {
    case 'approve':
      return client.registry.approvePromotion({ params, body: { digest, ...comment } });
    case 'reject':
      return client.registry.rejectPromotion({ params, body: { comment: said } });
    case 'withdraw':
      return client.registry.withdrawPromotion({ params, body: comment });
    case 'comment':
      return client.registry.commentPromotion({ params, body: { comment: said } });
  }
}
